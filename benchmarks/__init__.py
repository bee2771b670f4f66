"""How fast is it, beside what a user would pick instead? `make bench` measures all of it in one run."""
