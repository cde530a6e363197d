"""The `longshore` command: talks to a deployed Longshore, to a running `longshore up`, or to one of its own."""
