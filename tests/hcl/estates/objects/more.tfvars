anything = { a = [0, "file"] }
size = 8
