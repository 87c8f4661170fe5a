"""The demo: an S3 server in a child process, sample data for it and for a local folder, and the app on both."""
