"""The embedded AWS: everything the template needs, inside one process, without an account or a container engine."""
