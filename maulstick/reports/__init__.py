"""Reports: what people look at after a run, all made from its one record."""
