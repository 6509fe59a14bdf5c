"""Every statistic that a report states, each with a name."""
