"""Measurements that are too slow for tests; each module is a program of its own."""
