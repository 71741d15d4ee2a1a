workspace "Connected car" "How customers reach their cars from the app, and who runs what." {

    !identifiers flat

    model {
        iosCustomer = person "iOS customer" "Locks, unlocks and heats a car with an iPhone."
        androidCustomer = person "Android customer" "Locks, unlocks and heats a car with an Android phone."
        partner = person "Partner" "A workshop or fleet operator with access to cars."

        iosApp = softwareSystem "iOS app" "The app on iPhones." "Client" {
            properties {
                "telemetry.service" "ios-app"
            }
        }
        androidApp = softwareSystem "Android app" "The app on Android phones." "Client" {
            properties {
                "telemetry.service" "android-app"
            }
        }
        carFleet = softwareSystem "Cars" "Connected cars: each keeps an MQTT session and obeys commands." "Vehicle" {
            properties {
                "telemetry.service" "car-fleet"
            }
        }

        mobileBackend = softwareSystem "Mobile backend" "One backend for each app, in an account of its own." {
            iosBff = container "iOS BFF" "Backend for frontend of the iOS app." "Python, HTTP" {
                properties {
                    "telemetry.service" "mobile-bff-ios"
                    "aws.ecsService" "mobile-bff-ios"
                    "aws.accountId" "104758213690"
                    "owner" "team-mobile"
                }
            }
            androidBff = container "Android BFF" "Backend for frontend of the Android app." "Python, HTTP" {
                properties {
                    "telemetry.service" "mobile-bff-android"
                    "aws.ecsService" "mobile-bff-android"
                    "aws.accountId" "271830456127"
                    "owner" "team-mobile"
                }
            }
        }

        customerPlatform = softwareSystem "Customer platform" "Who a customer is and what they subscribed to." {
            authService = container "Auth service" "Logs customers in, introspects their tokens." "Python, HTTP" {
                properties {
                    "telemetry.service" "auth-service"
                    "aws.ecsService" "auth-service"
                    "aws.accountId" "339104872215"
                    "aws.secretId" "identity/token-signing-key"
                    "owner" "team-identity"
                }
            }
            subscriptionService = container "Subscription service" "Says who may use which remote service." "Python, HTTP" {
                properties {
                    "telemetry.service" "subscription-service"
                    "aws.ecsService" "subscription-service"
                    "aws.accountId" "339104872215"
                    "owner" "team-subscriptions"
                }
            }
            subscriptionDb = container "Subscription database" "Subscriptions and their features." "Relational database" "Database" {
                properties {
                    "telemetry.service" "subscription-db"
                    "aws.dbInstanceIdentifier" "subscription-db"
                    "aws.secretId" "subscriptions/db/subscription_app"
                    "aws.accountId" "339104872215"
                    "owner" "team-subscriptions"
                }
            }
        }

        vehiclePlatform = softwareSystem "Vehicle platform" "Everything that talks to cars." {
            rvmApi = container "Remote Vehicle Management API" "Turns requests into commands to cars." "Python, HTTP" {
                properties {
                    "telemetry.service" "remote-vehicle-management-api"
                    "aws.ecsService" "remote-vehicle-management-api"
                    "aws.accountId" "562093481107"
                    "owner" "team-vehicle"
                }
            }
            mqttBroker = container "MQTT broker" "Carries commands to cars and their replies." "MQTT 3.1.1" {
                properties {
                    "telemetry.service" "mqtt-broker"
                    "aws.accountId" "562093481107"
                    "owner" "team-vehicle"
                }
            }
            notificationService = container "Notification service" "Tells the app when a car changed its state." "Python, HTTP" {
                properties {
                    "telemetry.service" "notification-service"
                    "aws.accountId" "562093481107"
                    "owner" "team-vehicle"
                }
            }
        }

        partnerPortal = softwareSystem "Partner portal" "Remote services for workshops and fleet operators." "Retired"

        iosCustomer -> iosApp "Uses"
        androidCustomer -> androidApp "Uses"
        partner -> partnerPortal "Uses"

        iosApp -> iosBff "Locks, unlocks, heats, asks" "HTTPS"
        androidApp -> androidBff "Locks, unlocks, heats, asks" "HTTPS"

        iosBff -> authService "Introspects tokens" "HTTPS"
        androidBff -> authService "Introspects tokens" "HTTPS"
        iosBff -> rvmApi "Sends remote commands" "HTTPS"
        androidBff -> rvmApi "Sends remote commands" "HTTPS"
        partnerPortal -> rvmApi "Sends remote commands" "HTTPS"

        rvmApi -> subscriptionService "Checks entitlements" "HTTPS"
        subscriptionService -> subscriptionDb "Reads subscriptions" "SQL"
        rvmApi -> mqttBroker "Publishes commands, receives replies" "MQTT"
        carFleet -> mqttBroker "Receives commands, publishes state" "MQTT"
        rvmApi -> carFleet "Commands, through the broker" "MQTT" "Asynchronous"
        carFleet -> rvmApi "Replies, through the broker" "MQTT" "Asynchronous"
        rvmApi -> notificationService "Announces changes of state" "HTTPS"

        deploymentEnvironment "Live" {
            iosAccount = deploymentNode "Account connected-app-ios" "Runs the backend of the iOS app." "AWS account 104758213690" {
                iosCluster = deploymentNode "ECS cluster mobile-ios" "" "Amazon ECS" {
                    iosBffInstance = containerInstance iosBff
                }
            }
            androidAccount = deploymentNode "Account connected-app-android" "Runs the backend of the Android app." "AWS account 271830456127" {
                androidCluster = deploymentNode "ECS cluster mobile-android" "" "Amazon ECS" {
                    androidBffInstance = containerInstance androidBff
                }
            }
            platformAccount = deploymentNode "Account customer-platform" "Runs identity and subscriptions." "AWS account 339104872215" {
                authIngressIos = infrastructureNode "auth-from-ios" "Admits the iOS BFF to the auth service." "Security group" {
                    properties {
                        "aws.securityGroupId" "sg-0a24c6f28de5073b9"
                    }
                }
                authIngressAndroid = infrastructureNode "auth-from-android" "Admits the Android BFF to the auth service." "Security group" {
                    properties {
                        "aws.securityGroupId" "sg-0b35d7039ef6184ca"
                    }
                }
                subscriptionIngress = infrastructureNode "subscriptions-from-rvm" "Admits the RVM API to the subscription service." "Security group" {
                    properties {
                        "aws.securityGroupId" "sg-0c46e814af07295db"
                    }
                }
                platformCluster = deploymentNode "ECS cluster customer-platform" "" "Amazon ECS" {
                    authInstance = containerInstance authService
                    subscriptionInstance = containerInstance subscriptionService
                }
                databases = deploymentNode "RDS" "" "Amazon RDS" {
                    subscriptionDbInstance = containerInstance subscriptionDb
                }
            }
            vehicleAccount = deploymentNode "Account connected-vehicle" "Runs what talks to cars." "AWS account 562093481107" {
                rvmIngressIos = infrastructureNode "rvm-api-from-ios" "Admits the iOS BFF to the RVM API." "Security group" {
                    properties {
                        "aws.securityGroupId" "sg-07e1f3c95ab2d4086"
                    }
                }
                rvmIngressAndroid = infrastructureNode "rvm-api-from-android" "Admits the Android BFF to the RVM API." "Security group" {
                    properties {
                        "aws.securityGroupId" "sg-08f2a4d06bc3e5197"
                    }
                }
                rvmIngressPartners = infrastructureNode "rvm-api-from-partners" "Admits the partner portal to the RVM API." "Security group" {
                    properties {
                        "aws.securityGroupId" "sg-0913b5e17cd4f62a8"
                    }
                }
                vehicleCluster = deploymentNode "ECS cluster connected-vehicle" "" "Amazon ECS" {
                    rvmInstance = containerInstance rvmApi
                    brokerInstance = containerInstance mqttBroker
                    notificationInstance = containerInstance notificationService
                }
            }
            networkAccount = deploymentNode "Account shared-network" "Joins the accounts." "AWS account 680412975531" {
                networkGateway = infrastructureNode "Network gateway" "Carries traffic between accounts by the rules of the security groups." "Transit gateway" {
                    properties {
                        "telemetry.service" "network-gateway"
                    }
                }
            }

            iosBffInstance -> rvmIngressIos "Passes"
            rvmIngressIos -> rvmInstance "Guards"
            androidBffInstance -> rvmIngressAndroid "Passes"
            rvmIngressAndroid -> rvmInstance "Guards"
            rvmIngressPartners -> rvmInstance "Guards"
            iosBffInstance -> authIngressIos "Passes"
            authIngressIos -> authInstance "Guards"
            androidBffInstance -> authIngressAndroid "Passes"
            authIngressAndroid -> authInstance "Guards"
            rvmInstance -> subscriptionIngress "Passes"
            subscriptionIngress -> subscriptionInstance "Guards"
        }
    }

    views {
        container vehiclePlatform "Vehicle" "The vehicle platform and who calls it." {
            include *
            autoLayout lr
        }
        deployment * "Live" "Deployment" "Accounts, clusters and security groups." {
            include *
            autoLayout lr
        }
    }
}
