size     = 1
fallback = null
queues = {
  first = { timeout = 5 }
}
