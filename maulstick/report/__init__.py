"""The record of a run and its forms: terminal, HTML, Markdown, JUnit, GitHub."""
