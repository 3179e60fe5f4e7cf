"""What happened, kept: SQLAlchemy tables and the repositories over them."""
