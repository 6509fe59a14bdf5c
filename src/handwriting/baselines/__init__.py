"""The network's rivals, and how all are measured alike."""
