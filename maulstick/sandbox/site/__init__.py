"""The sandbox's site: pages from the production database, pictures from the bucket."""
