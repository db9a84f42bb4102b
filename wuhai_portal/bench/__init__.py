"""The benchmark: this project's pages and lists beside plain Django, plain DRF and Datasette on the same rows."""
