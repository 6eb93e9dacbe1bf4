"""The numbered sections of the record. Numbers are fixed, so that they can be cited (domain 8.2)."""

from __future__ import annotations

TITLES = {
    1: "Summary",
    2: "Contents and attachments",
    3: "Master record",
    4: "People and signature register",
    5: "Patient and order",
    6: "Line clearance and area",
    7: "Materials",
    8: "Equipment",
    9: "Harvest",
    10: "Custody",
    11: "Processing",
    12: "In-process controls and samples",
    13: "Yields",
    14: "Quality control",
    15: "Labels",
    16: "Expiry and hold time",
    17: "Deviations and changes",
    18: "Review",
    19: "Release decision",
    20: "Administration and residual",
    21: "Follow-up and results after release",
    22: "Corrections and late entries",
    23: "Audit trail",
    24: "Reproduction statement and verification",
    25: "Digital signatures",
}
NOT_PART = "Not part of this version of the process."
