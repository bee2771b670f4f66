"""What does each page say, and in which words? From results to sentences, rows, cards; one noun a file."""
