"""What can be said of records without asking anybody: likeness, conditions, counts. Pure."""
