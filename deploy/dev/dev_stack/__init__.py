"""The dev stack of one machine: settings, processes, database, secrets; `up`, `down` and `status` use it."""
