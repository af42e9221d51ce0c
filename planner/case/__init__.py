"""What a case is: the model file and its tables, read, checked and changed. No solver, no numbers made here."""
