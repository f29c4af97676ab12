"""The browser that looks at the page: which one, what a reader does in it, and what goes over the wire."""
