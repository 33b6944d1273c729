"""The table of commands of the console script, one module a command: `HELP`, `add_arguments(parser)` and `run(options) -> exit status`."""

from __future__ import annotations

COMMANDS = {
    "serve": "bot.cli.serve",
    "chat": "bot.cli.chat",
    "parse": "bot.cli.parse",
    "receipt": "bot.cli.receipt",
    "split": "bot.cli.split",
    "settle": "bot.cli.settle",
    "replay": "bot.cli.replay",
    "check": "bot.cli.check",
    "dead": "bot.cli.dead",
    "corrections": "bot.cli.corrections",
    "migrate": "bot.cli.migrate",
    "export": "bot.cli.export",
    "import": "bot.cli.import",
    "backup": "bot.cli.backup",
    "restore": "bot.cli.restore",
    "backtest": "bot.cli.backtest",
    "templates": "bot.cli.templates",
}
