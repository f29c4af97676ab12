"""What a process runs beside its work: its row and signs, the watchdog, and an eye on frozen neighbours."""
