"""A Slack workspace on localhost: Web API, Socket Mode and a page, for trying the bot and for testing it.

How a thing that happens travels: a call arrives at `api_route` (from an app, or from the page, which is a client like
any other) and is looked up in `web_api`; the method asks `workspace` who may do that, and has `messages`, `channels`
or `files` do it. They announce a change (`changes`), which `events` turns into what the bot hears over `socket_mode`,
`page_hub` into what people's pages show, and `snapshot` into a saved state. What only a Slack client can do (commands,
buttons, dialogs) comes through `page_routes` and `interactivity`; what only a test wants, through `switches`.
"""
