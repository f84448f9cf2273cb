"""What a command copies of production before it releases: a database to rehearse on, a dump to keep."""
