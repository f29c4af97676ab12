"""The loops of a process: when each last did its work, how late the event loop is, and the end of a blocked one."""
