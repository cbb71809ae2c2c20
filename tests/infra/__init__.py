"""What tests need around them: real servers and a real browser."""
