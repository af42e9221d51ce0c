"""One fault of every kind that a check between the tables and the model finds, and where it is stated."""

from tests.case.faults_contiguity import CLUSTER_FAULTS
from tests.case.faults_leases import LEASE_FAULTS
from tests.case.faults_model import FAULTS_OF_MODEL
from tests.case.faults_money import MONEY_FAULTS
from tests.case.faults_risks import FAULTS_OF_RISKS
from tests.case.faults_tables import FAULTS_OF_TABLES

FAULTS = [*FAULTS_OF_TABLES, *FAULTS_OF_MODEL, *CLUSTER_FAULTS, *MONEY_FAULTS, *LEASE_FAULTS, *FAULTS_OF_RISKS]
