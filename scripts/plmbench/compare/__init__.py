"""Predictions to intervals, differences and verdicts.

In: predictions and scores of every arm. Out: tables. Next room: `report`.
"""
