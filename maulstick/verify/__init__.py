"""Questions to the live site: HTTP, HTML, browser."""
