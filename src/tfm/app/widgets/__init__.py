"""The widgets of the app; filesystems are never touched here."""
