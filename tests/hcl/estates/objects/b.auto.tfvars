queues = {
  orders = {
    timeout = "45"
    tags    = { Team = "orders", Count = 3 }
  }
  audit = { fifo = true, dlq = { max = 2 } }
  quiet = { dlq = { enabled = false, extra = [{ k = "x", v = "y" }, { k = "z" }] } }
}
