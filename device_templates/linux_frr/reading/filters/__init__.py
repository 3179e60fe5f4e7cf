"""What packet filters mean: rules as matches, chains as rules between interfaces, translation, classes."""
