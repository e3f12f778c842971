"""python -m faktoora_mcp."""

from faktoora_mcp.cli import main

if __name__ == "__main__":
    main()
