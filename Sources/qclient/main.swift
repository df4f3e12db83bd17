print("qclient")
