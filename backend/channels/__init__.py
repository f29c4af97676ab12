"""Where azak tells people something: the forms that Slack, Discord, Telegram, ntfy and a plain webhook take."""
