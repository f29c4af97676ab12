"""Any file as one table: `unpacking`, `encodings`, the forms (`delimited`, `documents`, ...), and `tables` on top."""
