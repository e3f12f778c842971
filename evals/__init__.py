"""A bookkeeper's tasks, played on the sandbox by a script or a model, and marked by what is true then."""
