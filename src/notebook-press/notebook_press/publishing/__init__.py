"""Publishing: whole files, their manifests, and whose turn it is."""
