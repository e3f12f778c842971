"""Tasks of a bookkeeper, played on the sandbox by a script or a model, and marked by the result."""
