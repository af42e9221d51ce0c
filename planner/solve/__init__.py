"""From the program to a proven answer: compile, relaxation, guided start, full program, watchdog."""
