"""What a reader does on the page that writes: forms, stocks, work."""
