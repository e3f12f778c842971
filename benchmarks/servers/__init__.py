"""The servers to compare with: separate programs, started as hosts start servers."""
