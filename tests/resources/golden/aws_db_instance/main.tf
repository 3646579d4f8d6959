# Databases: shared by the golden folders of these types (links to this file).
resource "aws_db_parameter_group" "plain" {
  name   = "plain"
  family = "postgres15"
}

resource "aws_db_parameter_group" "full" {
  name        = "full"
  family      = "mysql8.0"
  description = "of the ledger"
  parameter {
    name  = "character_set_server"
    value = "utf8"
  }
  parameter {
    name         = "max_connections"
    value        = "100"
    apply_method = "pending-reboot"
  }
  tags = { Team = "core" }
}

resource "aws_db_instance" "main" {
  identifier              = "ledger"
  engine                  = "postgres"
  engine_version          = "15.4"
  instance_class          = "db.t3.micro"
  allocated_storage       = 20
  username                = "ledger"
  password                = "not-a-secret"
  parameter_group_name    = aws_db_parameter_group.plain.name
  skip_final_snapshot     = true
  backup_retention_period = 7
  deletion_protection     = false
  storage_type            = "gp2"
  tags                    = { Team = "core" }
}

resource "aws_rds_cluster_parameter_group" "main" {
  name   = "cluster"
  family = "aurora-postgresql15"
}

resource "aws_rds_cluster" "main" {
  cluster_identifier              = "orders"
  engine                          = "aurora-postgresql"
  engine_version                  = "15.4"
  master_username                 = "orders"
  master_password                 = "not-a-secret"
  database_name                   = "orders"
  skip_final_snapshot             = true
  backup_retention_period         = 5
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.main.name
  tags                            = { Team = "core" }
}
