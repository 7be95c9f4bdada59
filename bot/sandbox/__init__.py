"""A Slack workspace on localhost: Web API, Socket Mode and a page, for trying the bot and for testing it."""
