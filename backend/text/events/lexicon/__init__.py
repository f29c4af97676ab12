"""The words of the event grammar as data; `backend.text.events.patterns` reads them."""
