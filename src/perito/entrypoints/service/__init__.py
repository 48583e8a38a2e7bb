"""What keeps Perito running as a service: its databases, its servers, its settings in `.env`.

Nothing here knows about claims or models.
"""
