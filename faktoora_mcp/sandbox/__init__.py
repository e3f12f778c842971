"""A working stand-in for the faktoora Customers API, for trying and testing; it shares no code with
the client.
"""
