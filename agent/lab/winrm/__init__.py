"""A strict stub of a Lync server's WinRM: real WSMan and PSRP on the wire, a small PowerShell and Lync behind them."""
