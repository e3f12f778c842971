"""What the server is compared with: each a program of its own, started as hosts start servers."""
