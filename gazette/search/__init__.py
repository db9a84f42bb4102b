"""Search: what the public may read, found by any of its words.

`tokens` says what a text is looked up by, `engine` keeps the index of each database, `index` brings it in step with
what is public, `query` reads what is asked, `results` ranks and counts, `snippets` cuts out the words found.
"""
