"""The command faktoora-mcp, also as python -m faktoora_mcp."""

from faktoora_mcp.cli.startup import uncollected


def main() -> None:
    with uncollected():
        from faktoora_mcp.cli.main import main as command
    command()


if __name__ == "__main__":
    main()
