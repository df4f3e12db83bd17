print("qpack")
