"""The command faktoora-mcp, also as python -m faktoora_mcp."""

from faktoora_mcp.cli.startup import gc_paused


def main() -> None:
    with gc_paused():
        from faktoora_mcp.cli.main import main as command
    command()


if __name__ == "__main__":
    main()
