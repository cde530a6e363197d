"""Longshore: multi-tenant data imports on AWS whose every row is accounted for."""

__version__ = "0.1.0"
