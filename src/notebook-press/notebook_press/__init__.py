"""The press: turns any parameterised notebook into a report that a reader can trust."""
