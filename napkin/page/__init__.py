"""What a reader sees and moves: playgrounds, charts, guesses, tables, and the scripts in `web/`.

May use everything; nothing uses it. Hands on finished HTML and what the scripts need to keep it alive.
"""
